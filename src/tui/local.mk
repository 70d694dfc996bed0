noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = include/jobdeck/tui/console.h \
	%D%/actions.c %D%/actions.h %D%/actions.def %D%/command.c %D%/confirm.c %D%/console.c \
	%D%/data.c %D%/data.h %D%/edit.c %D%/edit.h %D%/filter.c %D%/filter.h %D%/form.c %D%/form.h \
	%D%/grid.c %D%/grid.h %D%/job_page.c %D%/job_page.h %D%/key.c %D%/key.h %D%/layers.h \
	%D%/layout.c %D%/layout.h %D%/log_draw.c %D%/log_view.h %D%/logbuf.c %D%/logbuf.h %D%/main_draw.c %D%/page.c %D%/page.h \
	%D%/prompt.c %D%/request.c %D%/request.h %D%/root.c %D%/scene.c %D%/scene.h %D%/scroll.h \
	%D%/shell.c %D%/shell.h %D%/snap.c %D%/snap.h %D%/stop.c %D%/submit.c %D%/submit.h %D%/submit_fields.c %D%/submit_request.c %D%/table.c %D%/table.h \
	%D%/tail.c %D%/tail.h %D%/terminfo.c %D%/terminfo.h %D%/toggle.c %D%/tty.c %D%/tty.h %D%/ui.c %D%/ui.h %D%/view_help.c \
	%D%/view_job.c %D%/view_log.c %D%/view_main.c %D%/view_main.h %D%/view_text.c \
	%D%/wizard.c %D%/wizard.h %D%/wizard_draw.c %D%/wizard_plan.c %D%/wizard_run.c

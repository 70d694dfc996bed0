noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = %D%/args.c %D%/cmd.c %D%/cmd_api.c %D%/cmd_cancel.c %D%/cmd_catalog.c \
	%D%/cmd_consumable.c %D%/cmd_definition.c %D%/cmd_definitions.c \
	%D%/cmd_describe.c %D%/cmd_drill.c %D%/cmd_env.c %D%/cmd_environment.c %D%/cmd_environments.c %D%/cmd_help.c %D%/cmd_hold.c %D%/cmd_init.c %D%/cmd_instances.c %D%/cmd_jobs.c %D%/cmd_key.c \
	%D%/cmd_logs.c %D%/cmd_policy.c %D%/cmd_queue.c %D%/cmd_queues.c %D%/cmd_serve.c %D%/cmd_status.c \
	%D%/cmd_stop_server.c %D%/cmd_submit.c %D%/cmd_wait.c %D%/cmd_why.c %D%/complete.c %D%/console.c %D%/fields.c \
	%D%/follow.c %D%/help.c %D%/interrupt.c %D%/job.c %D%/list.c %D%/logout.c %D%/mdoc.c \
	%D%/retry.c %D%/run.c %D%/setup.c %D%/submit_options.c %D%/submit_what.c %D%/table.c %D%/thing.c %D%/verb.c %D%/words.c \
	%D%/args.h %D%/console.h %D%/doc.h %D%/fields.h %D%/follow.h %D%/interrupt.h %D%/job.h %D%/list.h \
	%D%/logout.h %D%/policy.h %D%/retry.h %D%/setup.h %D%/submit.h %D%/table.h %D%/thing.h %D%/verb.h %D%/words.h include/jobdeck/cli/cmd.h
libcli_a_SOURCES += %D%/cmd_forecast.c %D%/forecast.h %D%/forecast_file.c %D%/forecast_show.c

# Completion, from the same tables. Only programs that run here can be asked.
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
nodist_bashcomp_DATA = completion/jobdeck
nodist_zshcomp_DATA = completion/_jobdeck
nodist_fishcomp_DATA = completion/jobdeck.fish
CLEANFILES += $(nodist_bashcomp_DATA) $(nodist_zshcomp_DATA) $(nodist_fishcomp_DATA)
completion/jobdeck: jobdeck$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completion && ./jobdeck$(EXEEXT) help --format=bash >$@.tmp && mv $@.tmp $@
completion/_jobdeck: jobdeck$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completion && ./jobdeck$(EXEEXT) help --format=zsh >$@.tmp && mv $@.tmp $@
completion/jobdeck.fish: jobdeck$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completion && ./jobdeck$(EXEEXT) help --format=fish >$@.tmp && mv $@.tmp $@
libcli_a_SOURCES += %D%/cmd_events.c

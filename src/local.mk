include src/base/local.mk
include src/model/local.mk
include src/catalog/local.mk
include src/sched/local.mk
include src/sim/local.mk
include src/store/local.mk
include src/loop/local.mk
include src/shim/local.mk
include src/exec/local.mk
include src/engine/local.mk
include src/aws/local.mk
include src/api/local.mk
include src/server/local.mk
include src/client/local.mk
include src/tui/local.mk
include src/cli/local.mk

EXTRA_DIST += %D%/LAYERS
bin_PROGRAMS += jobdeck
jobdeck_SOURCES = %D%/main.c
# Top to bottom: a lower library may not need a higher one.
jobdeck_LDADD = libcli.a libtui.a libclient.a libserver.a libapi.a libaws.a libengine.a libexec.a libshim.a libloop.a \
	libstore.a libsim.a libsched.a libcatalog.a libmodel.a libbase.a \
	$(NCURSES_LIBS) $(CURL_LIBS) $(MHD_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) $(CJSON_LIBS) $(LIBINTL) -lm

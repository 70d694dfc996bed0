# Unit tests of server and client.
if HAVE_CMOCKA
CLIENT_TESTS = tests/unit/test_keys tests/unit/test_tcp tests/unit/test_server tests/unit/test_client tests/unit/test_serve
check_PROGRAMS += $(CLIENT_TESTS)
TESTS += $(CLIENT_TESTS)
# The API is a stub here, so neither libapi.a nor what is below it.
SERVER_FIXTURE = tests/unit/server_fixture.c tests/unit/server_fixture.h tests/unit/stub_api.c tests/unit/stub_api.h
tests_unit_test_server_SOURCES = tests/unit/test_server.c $(SERVER_FIXTURE)
tests_unit_test_server_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_server_LDADD = libserver.a libaws.a libloop.a libbase.a $(MHD_LIBS) $(UV_LIBS) \
	$(CRYPTO_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_tcp_SOURCES = tests/unit/test_tcp.c $(SERVER_FIXTURE)
tests_unit_test_tcp_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_tcp_LDADD = $(tests_unit_test_server_LDADD)
tests_unit_test_keys_SOURCES = tests/unit/test_keys.c tests/unit/temp_home.c tests/unit/temp_home.h
tests_unit_test_keys_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_keys_LDADD = libserver.a libbase.a $(CRYPTO_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
CLIENT_LIBS = libclient.a libapi.a libaws.a libengine.a libexec.a libshim.a libloop.a libstore.a libsim.a libsched.a libcatalog.a libmodel.a \
	libbase.a $(CURL_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) $(CJSON_LIBS) $(LIBINTL) $(CMOCKA_LIBS) -lm
tests_unit_test_client_SOURCES = tests/unit/test_client.c tests/unit/temp_home.c tests/unit/temp_home.h
tests_unit_test_client_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_client_LDADD = $(CLIENT_LIBS)
tests_unit_test_serve_SOURCES = tests/unit/test_serve.c tests/unit/temp_home.c tests/unit/temp_home.h
tests_unit_test_serve_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_serve_LDADD = libclient.a libserver.a $(CLIENT_LIBS) $(MHD_LIBS)
endif

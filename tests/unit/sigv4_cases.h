#ifndef SIGV4_CASES_H
#define SIGV4_CASES_H
/* Requests and their signatures: of AWS's published suite, and as AWS's own SDK signs what is
 * sent to Batch, Logs and STS. */
struct sigv4_case {
	const char *name, *method, *target;
	struct sigv4_header headers[4]; /* besides X-Amz-Date; ends with a NULL name */
	const char *body;
	const char *signature;
};

#define SUITE_HOST { "Host", "example.amazonaws.com" }
#define BATCH_HOST { "Host", "batch.eu-central-1.amazonaws.com" }
#define JSON_TYPE  { "Content-Type", "application/json" }
#define TOKEN	   "FwoGZXIvYXdzEBYaDK+/token==with/chars"
#define ARN	   "/v1/tags/arn%3Aaws%3Abatch%3Aeu-central-1%3A123456789012%3Ajob"

/* AKIDEXAMPLE, us-east-1, "service", 20150830T123600Z */
static const struct sigv4_case suite_cases[] = {
	{ "vanilla", "GET", "/", { SUITE_HOST }, "",
	  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
	{ "a header three times", "GET", "/",
	  { SUITE_HOST, { "My-Header1", "value2" }, { "My-Header1", "value2" },
	    { "My-Header1", "value1" } }, "",
	  "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea" },
	{ "a header over three lines", "GET", "/",
	  { SUITE_HOST, { "My-Header1", "value1\n  value2\n     value3" } }, "",
	  "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd" },
	{ "blanks in headers", "GET", "/",
	  { SUITE_HOST, { "My-Header1", " value1" }, { "My-Header2", " \"a   b   c\"" } }, "",
	  "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736" },
	{ "UTF-8 in the path", "GET", "/\xe1\x88\xb4", { SUITE_HOST }, "",
	  "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
	{ "a query encoded and unsorted", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
	  { SUITE_HOST }, "", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac" },
	{ "a parameter twice", "GET", "/?Param1=value2&Param1=value1", { SUITE_HOST }, "",
	  "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694" },
	{ "dots", "GET", "/example1/example2/../..", { SUITE_HOST }, "",
	  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
	{ "slashes", "GET", "//example//", { SUITE_HOST }, "",
	  "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84" },
	{ "a blank in the path", "GET", "/example space/", { SUITE_HOST }, "",
	  "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
};

/* AKIAIOSFODNN7EXAMPLE, eu-central-1, 20260102T030405Z */
static const struct sigv4_case batch_cases[] = {
	{ "a port", "POST", "/v1/listjobs", { { "Host", "127.0.0.1:8080" }, JSON_TYPE },
	  "{\"jobQueue\":\"q\"}",
	  "6ae52a6a57166902e23ad01e9599871b950e5ff45b198d58d98a7c1d75740149" },
	{ "a token", "POST", "/v1/submitjob",
	  { BATCH_HOST, JSON_TYPE, { "X-Amz-Security-Token", TOKEN } },
	  "{\"jobName\":\"x\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\"}",
	  "a9bfa772c2943f89f69d90e7f2aa526f721595c0d751f0bc43074461e07b48fd" },
	{ "an ARN in the path", "GET", ARN "%2F0123-45%3A7", { BATCH_HOST }, "",
	  "c28e2f4e8cdaad920532e730973a9175c1049c8550a2e0181f88c04579c18c86" },
	{ "a query with reserved characters", "DELETE",
	  ARN "-queue%2Fq-1?tagKeys=b%20c&tagKeys=a%2F%C3%BC%2B~", { BATCH_HOST }, "",
	  "f38a722d7a1d8c58c4b08b491a89412c33dbec364fc46aba3e44da782f641a3c" },
};

#endif

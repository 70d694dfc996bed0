/* What AWS calls the ways in which a signature is not good, and its usual words for them. */
#include "config.h"
#include <stdio.h>
#include "jobdeck/aws/sigv4.h"

static const struct fault {
	const char *json, *xml, *text;
} faults[] = {
	[SIGV4_GOOD] = { "", "", "" },
	[SIGV4_MISSING] = { "MissingAuthenticationTokenException", "MissingAuthenticationToken",
			    "Missing Authentication Token" },
	[SIGV4_INCOMPLETE] = { "IncompleteSignatureException", "IncompleteSignature",
			       "The request signature does not conform to AWS standards." },
	[SIGV4_UNKNOWN_KEY] = { "UnrecognizedClientException", "InvalidClientTokenId",
				"The security token included in the request is invalid." },
	[SIGV4_INVALID] = { "InvalidSignatureException", "SignatureDoesNotMatch",
			    "The request signature we calculated does not match the signature you "
			    "provided. Check your AWS Secret Access Key and signing method. "
			    "Consult the service documentation for details." },
	[SIGV4_EXPIRED] = { "ExpiredTokenException", "ExpiredToken",
			    "The security token included in the request is expired" },
	[SIGV4_DENIED] = { "AccessDeniedException", "AccessDenied",
			   "You do not have sufficient access to perform this action." },
};

const char *sigv4_fault_code(enum sigv4_fault f, bool xml)
{
	return xml ? faults[f].xml : faults[f].json;
}

int sigv4_refuse(struct sigv4_refusal *why, enum sigv4_fault f, const char *text)
{
	why->fault = f;
	snprintf(why->text, sizeof why->text, "%s", text ? text : faults[f].text);
	return -1;
}

// The story for the JavaScript SDK: see sdk_js.py. It finds server and keys in its environment, as
// `jobdeck env` sets them. Prints TAP.
import * as Batch from "@aws-sdk/client-batch";
import * as Logs from "@aws-sdk/client-cloudwatch-logs";
import * as Sts from "@aws-sdk/client-sts";

let count = 0, failed = 0;
const ok = (good, name, ...why) => {
	count++;
	failed += good ? 0 : 1;
	console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
	if (!good)
		why.forEach((line) => console.log(`# ${line}`));
};
const keyless = { maxAttempts: 1 };
const batch = new Batch.BatchClient(keyless), logs = new Logs.CloudWatchLogsClient(keyless);
const send = (name, input = {}, client = batch) => client.send(new Batch[`${name}Command`](input));

async function until(what, condition) {
	for (const deadline = Date.now() + 30000; Date.now() < deadline;) {
		const value = await condition();
		if (value)
			return value;
		await new Promise((wake) => setTimeout(wake, 30));
	}
	throw new Error(`waited in vain: ${what}`);
}

async function refused(name, error, text, call) {
	try {
		ok(false, name, JSON.stringify(await call()));
	} catch (e) {
		ok(e.name === error && e.message.includes(text), name, `${e.name}: ${e.message}`);
	}
}

const job = async (id) => (await send("DescribeJobs", { jobs: [id] })).jobs[0];
const ended = (id) => until(id, async () => {
	const j = await job(id);
	return ["SUCCEEDED", "FAILED"].includes(j.status) && j;
});

async function make() {
	await send("CreateComputeEnvironment", {
		computeEnvironmentName: "ce", type: "MANAGED",
		computeResources: {
			type: "EC2", minvCpus: 0, maxvCpus: 4, instanceTypes: ["optimal"], subnets: ["subnet-1"],
			securityGroupIds: ["sg-1"], instanceRole: "ecsInstanceRole",
		},
	});
	await until("VALID", async () =>
		(await send("DescribeComputeEnvironments")).computeEnvironments[0].status === "VALID");
	const queue = await send("CreateJobQueue", {
		jobQueueName: "q", priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: "ce" }],
	});
	await until("VALID", async () => (await send("DescribeJobQueues")).jobQueues[0].status === "VALID");
	await send("RegisterJobDefinition", {
		jobDefinitionName: "shell", type: "container",
		containerProperties: {
			image: "host", command: ["echo", "hello, wörld"],
			resourceRequirements: [{ type: "VCPU", value: "1" }, { type: "MEMORY", value: "64" }],
		},
	});
	return queue.jobQueueArn;
}

async function story() {
	const who = await new Sts.STSClient(keyless).send(new Sts.GetCallerIdentityCommand({}));
	ok(who.Arn === "arn:aws:iam::000000000000:user/writer", "sts: who am I", JSON.stringify(who));
	const arn = await make();
	const { jobId } = await send("SubmitJob", { jobName: "hello", jobQueue: "q", jobDefinition: "shell" });
	const done = await ended(jobId);
	ok(done.status === "SUCCEEDED", "a job succeeds", JSON.stringify(done));
	const { events } = await logs.send(new Logs.GetLogEventsCommand({
		logGroupName: "/aws/batch/job", logStreamName: done.container.logStreamName, startFromHead: true,
	}));
	ok(events.length === 1 && events[0].message === "hello, wörld", "its output", JSON.stringify(events));
	const listed = [];
	for await (const page of Batch.paginateListJobs({ client: batch, pageSize: 1 },
		{ jobQueue: "q", jobStatus: "SUCCEEDED" }))
		listed.push(...page.jobSummaryList);
	ok(listed.length === 1 && listed[0].jobId === jobId, "list in pages", JSON.stringify(listed));
	await send("TagResource", { resourceArn: arn, tags: { "a b": "c/ü" } });
	await send("TagResource", { resourceArn: arn, tags: { "x+y": "z" } });
	await send("UntagResource", { resourceArn: arn, tagKeys: ["x+y"] });
	const { tags } = await send("ListTagsForResource", { resourceArn: arn });
	ok(JSON.stringify(tags) === '{"a b":"c/ü"}', "tags", JSON.stringify(tags));
}

// Changes what is sent after it was signed.
function changing(change) {
	const client = new Batch.BatchClient(keyless);
	client.middlewareStack.add((next) => (args) => {
		change(args.request);
		return next(args);
	}, { step: "finalizeRequest", priority: "low" });
	client.middlewareStack.addRelativeTo((next) => (args) => {
		change(args.request);
		return next(args);
	}, { relation: "after", toMiddleware: "httpSigningMiddleware" });
	return client;
}

async function negative() {
	const mismatch = "The request signature we calculated does not match";
	const key = (accessKeyId, secretAccessKey, more = {}) => new Batch.BatchClient({
		...keyless, ...more, credentials: { accessKeyId, secretAccessKey } });
	const id = process.env.AWS_ACCESS_KEY_ID, secret = process.env.AWS_SECRET_ACCESS_KEY;
	const ask = (client) => () => send("DescribeJobQueues", {}, client);
	await refused("a wrong secret", "InvalidSignatureException", mismatch, ask(key(id, "wrong")));
	await refused("an unknown key", "UnrecognizedClientException", "The security token",
		ask(key("AKIAJDNOBODYNOBODYNO", secret)));
	await refused("a slow clock", "InvalidSignatureException", "Signature expired: ",
		ask(key(id, secret, { systemClockOffset: -600000 })));
	const other = changing((request) => {
		if (request.headers.authorization)
			request.body = '{"maxResults":1}';
	});
	await refused("a body changed on the way", "InvalidSignatureException", "x-amz-content-sha256",
		() => send("DescribeJobQueues", {}, other));
	const reader = key(process.env.READER_ID, process.env.READER_SECRET);
	ok((await send("DescribeJobQueues", {}, reader)).jobQueues.length === 1, "a read-only key reads");
	await refused("and does not write", "AccessDeniedException", "batch:DeleteJobQueue",
		() => send("DeleteJobQueue", { jobQueue: "q" }, reader));
}

await story();
await negative();
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);

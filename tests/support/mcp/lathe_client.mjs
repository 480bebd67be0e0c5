// SPDX-License-Identifier: GPL-3.0-or-later
// A coding assistant's side of `lathe-cli mcp`, with the real SDKs: node lathe_client.mjs v1|v2|modern stdio CLI FILE, or ... http URL.
// Prints one JSON object of what it saw.
const [, , sdk, kind, ...where] = process.argv;
const v1 = sdk === 'v1';
const { Client } = v1 ? await import('@modelcontextprotocol/sdk/client/index.js') : await import('@modelcontextprotocol/client');
const { StdioClientTransport } = v1 ? await import('@modelcontextprotocol/sdk/client/stdio.js') : await import('@modelcontextprotocol/client/stdio');
const { StreamableHTTPClientTransport } = v1 ? await import('@modelcontextprotocol/sdk/client/streamableHttp.js') : await import('@modelcontextprotocol/client');
const types = v1 ? await import('@modelcontextprotocol/sdk/types.js') : null;

const options = { capabilities: { elicitation: {} } };
if (!v1)
    options.versionNegotiation = { mode: sdk === 'modern' ? { pin: '2026-07-28' } : 'legacy' };
const client = new Client({ name: 'lathe-test', version: '1.0.0' }, options);
const seen = { asked: [], progress: [], changes: [] };
let onAsk = async () => ({ action: 'accept', content: { decision: 'approve' } });
const ask = async request => {
    seen.asked.push(request.params.message);
    return onAsk(request);
};
client.setRequestHandler(v1 ? types.ElicitRequestSchema : 'elicitation/create', ask);
client.setNotificationHandler(v1 ? types.ResourceListChangedNotificationSchema : 'notifications/resources/list_changed', () => { seen.changes.push('resources'); });
const call = (params, more = {}) => (v1 ? client.callTool(params, undefined, more) : client.callTool(params, more));

const transport = kind === 'stdio' ? new StdioClientTransport({ command: where[0], args: ['mcp', where[1]], env: process.env, stderr: 'inherit' })
    : new StreamableHTTPClientTransport(new URL(where[0]));
await client.connect(transport);
if (sdk === 'modern')
    await client.listen?.({ resourcesListChanged: true }).catch(error => { seen.listenError = String(error); });
seen.server = client.getServerVersion();
seen.instructions = client.getInstructions?.() ?? '';
seen.tools = (await client.listTools()).tools.map(tool => tool.name);
seen.prompts = (await client.listPrompts()).prompts.map(prompt => prompt.name);
seen.templates = (await client.listResourceTemplates()).resourceTemplates.map(form => form.uriTemplate);

const input = 'The app crashes when I export a report.';
const triage = await call({ name: 'triage', arguments: { input } }, { onprogress: step => seen.progress.push(step.progress) });
seen.triage = triage.structuredContent;
seen.text = triage.content[0].text;
const uri = triage.content.find(part => part.type === 'resource_link').uri;
seen.read = JSON.parse((await client.readResource({ uri })).contents[0].text).trace.length;
seen.resources = (await client.listResources()).resources.map(resource => resource.uri);
seen.runs = (await call({ name: 'list_runs', arguments: { query: 'agent:triage' } })).structuredContent.runs.length;
seen.replay = (await call({ name: 'replay_run', arguments: { run: triage.structuredContent.run } })).structuredContent.same;
seen.prompt = (await client.getPrompt({ name: seen.prompts[0], arguments: {} }).catch(error => ({ error: String(error) })));
seen.completion = (await client.complete({ ref: { type: 'ref/resource', uri: 'lathe://runs/{id}' }, argument: { name: 'id', value: '' } })).completion.values;

// A tool that asks.
const analyst = { name: 'analyst', arguments: { input: 'How many messages are about Search?' } };
const approved = await call(analyst);
seen.approved = { status: approved.structuredContent.status, asked: seen.asked.length };
// Cancelled while it asks.
const stop = new AbortController();
onAsk = () => {
    stop.abort();
    return new Promise(done => setTimeout(() => done({ action: 'cancel' }), 300));
};
seen.cancelled = await call(analyst, { signal: stop.signal }).then(() => 'answered', error => String(error.name ?? error));
onAsk = async () => ({ action: 'decline' });
for (let i = 0; i < 50; ++i) {
    const running = await call({ name: 'list_runs', arguments: { query: 'status:running' } });
    const waiting = await call({ name: 'list_runs', arguments: { query: 'status:waiting' } });
    seen.stillRunning = running.structuredContent.runs.length + waiting.structuredContent.runs.length;
    if (seen.stillRunning === 0 && seen.changes.length > 0)
        break;
    await new Promise(done => setTimeout(done, 200));
}
seen.unknown = await call({ name: 'no_such_tool', arguments: {} }).then(result => (result.isError ? 'isError' : 'answered'), error => error.code);
await client.close();
console.log(JSON.stringify(seen));
process.exit(0);

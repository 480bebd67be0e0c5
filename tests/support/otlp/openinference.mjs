// SPDX-License-Identifier: GPL-3.0-or-later
// OpenInference (Phoenix) on the openai package: flattened keys. A call with a tool, one with its result, a streamed and a failed one.
import { createRequire } from 'node:module';
import { startTracing } from './common.mjs';
import { startFakeOpenAi } from './fakeOpenAi.mjs';
import { converse } from './converse.mjs';

const require = createRequire(import.meta.url);
const tracing = startTracing('openinference');
const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
const OpenAI = require('openai');
const instrumentation = new OpenAIInstrumentation({ tracerProvider: tracing.provider });
instrumentation.manuallyInstrument(OpenAI);
const fake = await startFakeOpenAi();
const told = await converse(new OpenAI({ baseURL: fake.url, apiKey: 'none', maxRetries: 0 }));
fake.close();
await tracing.finish(told);

// SPDX-License-Identifier: GPL-3.0-or-later
// traceloop's (OpenLLMetry's) instrumentation of the openai package.
import { createRequire } from 'node:module';
import { startTracing } from './common.mjs';
import { startFakeOpenAi } from './fakeOpenAi.mjs';
import { converse } from './converse.mjs';

const require = createRequire(import.meta.url);
const { OpenAIInstrumentation } = require('@traceloop/instrumentation-openai');
const OpenAI = require('openai');
const tracing = startTracing('traceloop');
const instrumentation = new OpenAIInstrumentation({ traceContent: true });
instrumentation.setTracerProvider(tracing.provider);
instrumentation.manuallyInstrument(OpenAI.OpenAI);
const fake = await startFakeOpenAi();
const told = await converse(new OpenAI({ baseURL: fake.url, apiKey: 'none', maxRetries: 0 }));
fake.close();
await tracing.finish(told);

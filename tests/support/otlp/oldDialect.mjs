// SPDX-License-Identifier: GPL-3.0-or-later
// @opentelemetry/instrumentation-openai: the older conventions (gen_ai.system); messages come as log records to /v1/logs.
// Also sends metrics, without which it crashes on streamed calls.
import { createRequire } from 'node:module';
import { LoggerProvider, BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { startTracing } from './common.mjs';
import { startFakeOpenAi } from './fakeOpenAi.mjs';
import { converse } from './converse.mjs';

const require = createRequire(import.meta.url);
process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT = 'true';
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
const tracing = startTracing('old-dialect');
let records = 0;
const counter = { onEmit() { ++records; }, forceFlush: async () => {}, shutdown: async () => {} };
const loggers = new LoggerProvider({ processors: [counter, new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })] });
const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(),
                                                                                exportIntervalMillis: 60000 })] });
const instrumentation = new OpenAIInstrumentation({ captureMessageContent: true });
instrumentation.setTracerProvider(tracing.provider);
instrumentation.setLoggerProvider(loggers);
instrumentation.setMeterProvider(meters);
instrumentation.enable();
const OpenAI = require('openai');
const fake = await startFakeOpenAi();
const told = await converse(new OpenAI({ baseURL: fake.url, apiKey: 'none', maxRetries: 0 }));
fake.close();
await loggers.forceFlush();
await loggers.shutdown();
await meters.forceFlush();
await meters.shutdown();
await tracing.finish({ ...told, records });

import { emitWarning } from 'node:process';
import { app as library } from '@azure/functions';
import manifest from '../package.json' with { type: 'json' };
import { createApp, readPublicSettings, registerFunctions } from '../shared/inbound/register.ts';
import { nodePlatform } from '../shared/platform.ts';
import { openServicesOnce } from '../shared/services.ts';
import { createTelemetry } from '../shared/telemetry.ts';
import { registrations } from './registrations.ts';

const telemetry = createTelemetry({
  ...nodePlatform,
  version: manifest.version,
  warn: (message) => emitWarning(message),
});
const app = createApp(registrations, {
  version: manifest.version,
  clock: nodePlatform.clock,
  ...readPublicSettings(nodePlatform.environment),
  openServices: openServicesOnce({ ...nodePlatform, observe: telemetry.observe }),
});

registerFunctions(registrations, app, nodePlatform.environment, library);
library.hook.preInvocation(telemetry.correlate);
library.hook.postInvocation(telemetry.startSoon);
library.hook.appTerminate(telemetry.flush);

import * as z from 'zod/mini';
import { alert } from '../../shared/defender/alert-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { alertId } from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** An alert with its evidence. */
export const getAlert = endpoint({
  route: 'GET alerts/{alertId}',
  summary: 'Get an alert',
  role: 'Alert.Read',
  path: z.object({ alertId: withDescription(alertId, 'Alert ID') }),
  reply: jsonText(alert, 'The alert'),
  handle: ({ path, defender }) => defender.alerts.get(path.alertId),
});

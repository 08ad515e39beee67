import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import type { Invocation } from '../../shared/inbound/app.ts';
import { readPublicUrl } from '../../shared/inbound/correlation.ts';
import type { Reply } from '../../shared/inbound/reply.ts';
import { readBody, readInput } from '../../shared/inbound/request-input.ts';
import { command } from './command.ts';
import { asMistakeOfCommand, toCall } from './command-call.ts';

const bodyTypes = ['application/json'];
const own = '/webhooks/commands';

/**
 * Answers a signed command as the operation that it stands for. What is signed is the text, so that it is checked before anything is made
 * of it.
 * @throws {RequestError} 404 when the app is set up to take no commands, 401 when the signature is not good, and what the operation throws.
 */
export async function answerCommand({ app, request, ...invocation }: Invocation): Promise<Reply> {
  const { webhookSecret } = app.openServices();
  if (webhookSecret === undefined) {
    throw new RequestError(404, 'NotFound', 'This app takes no signed commands.', {
      nextStep: 'Set WEBHOOK_SECRET_NAME to the name of the secret in Key Vault with which commands are signed.',
    });
  }
  const text = await readBody(request, bodyTypes);
  const { verifyMessage } = await import('./webhook-signature.ts');
  const messageId = await verifyMessage(webhookSecret, text, request.headers);

  const { method, url, query, params, headers } = request;
  const schemas = { path: z.object({}), query: z.object({}), body: command, bodyTypes };
  const flags = { allowUnknownQuery: false, hasTenant: false, isPage: false, takesIdempotencyKey: false };
  const read = await readInput(
    { ...schemas, ...flags },
    { method, url, query, params, headers, text: async () => text },
  );
  const { href } = readPublicUrl(request);
  const call = toCall(command.parse(read.body), messageId, href.slice(0, href.indexOf(own)));
  const target = app.endpoints.get(call.operation);
  if (target === undefined) throw new TypeError(`There is no operation ${call.operation}`);
  try {
    return await target.answer({ ...invocation, ...call, app });
  } catch (error) {
    throw asMistakeOfCommand(error);
  }
}

import { app, type InvocationContext } from '@azure/functions';

const connection = 'AzureWebJobsStorage';

app.storageQueue('onOrder', {
  queueName: 'orders',
  connection,
  handler: (entry: unknown, context: InvocationContext) =>
    context.log(
      `order ${JSON.stringify(entry)} (${Object.keys(context.triggerMetadata ?? {})
        .sort()
        .join(' ')})`,
    ),
});
app.storageQueue('onBadOrder', {
  queueName: 'bad-orders',
  connection,
  handler: (_entry: unknown, { triggerMetadata }: InvocationContext) => {
    throw new Error(`try ${triggerMetadata?.dequeueCount}`);
  },
});
app.storageQueue('onHeldOrder', {
  queueName: 'held-orders',
  connection,
  handler: (entry: unknown, context: InvocationContext) => {
    context.log(`held ${JSON.stringify(entry)}`);
    return context.triggerMetadata?.dequeueCount === 1 ? new Promise<void>(() => {}) : undefined;
  },
});
app.storageQueue('onNothing', { queueName: 'nothing', connection: 'MissingStorage', handler: () => {} });
app.http('now', { authLevel: 'anonymous', handler: () => ({ jsonBody: [Date.now(), new Date(), typeof Date()] }) });

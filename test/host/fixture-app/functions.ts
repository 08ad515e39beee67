import { app, type HttpRequest, type InvocationContext, type Timer } from '@azure/functions';

const largeText = 'x'.repeat(250_000);

app.http('echo', {
  route: 'echo/{id?}',
  methods: ['GET', 'POST', 'HEAD'],
  authLevel: 'anonymous',
  handler: async (request: HttpRequest, context: InvocationContext) => {
    context.log(`echo ${request.method}`);
    return {
      jsonBody: {
        url: request.url,
        query: Object.fromEntries(request.query),
        params: request.params,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
        invocationId: context.invocationId,
        traceParent: context.traceContext?.traceParent,
      },
    };
  },
});

app.http('forFunctions', { authLevel: 'function', handler: () => ({ body: 'in' }) });
app.http('forAdmins', { authLevel: 'admin', handler: () => ({ body: 'in' }) });
app.http('disabled', { authLevel: 'function', handler: () => ({ body: 'in' }) });
app.http('large', { authLevel: 'anonymous', handler: () => ({ body: largeText }) });
app.http('nothing', { authLevel: 'anonymous', handler: () => undefined as never });
app.http('number', { authLevel: 'anonymous', handler: () => 42 as never });
app.http('throws', {
  authLevel: 'anonymous',
  handler: () => {
    throw new Error('secret detail');
  },
});
app.http('cookies', {
  authLevel: 'anonymous',
  handler: () => ({
    headers: [
      ['set-cookie', 'first=1'],
      ['set-cookie', 'last=1'],
      ['x-content-type-options', 'own'],
    ],
    cookies: [{ name: 'third', value: 'a b', sameSite: 'None' as const, httpOnly: true }],
  }),
});
app.http('dies', {
  authLevel: 'anonymous',
  handler: () => new Promise<never>(() => process.exit(7)),
});
app.http('waits', { authLevel: 'anonymous', handler: () => new Promise<never>(() => {}) });

// Routes: the order of names decides, not that of registration.
app.http('routeByB', { route: 'orders/{id}', authLevel: 'anonymous', handler: () => ({ body: 'b' }) });
app.http('routeByA', { route: 'orders/{id:int}', authLevel: 'anonymous', handler: () => ({ body: 'a' }) });
app.http('routeHidden', { route: 'orders/latest', authLevel: 'anonymous', handler: () => ({ body: 'hidden' }) });
app.http('routeTwin', { route: 'Orders/{id}', authLevel: 'anonymous', handler: () => ({ body: 'twin' }) });
app.http('administer', { authLevel: 'anonymous', handler: () => ({ body: 'never' }) });

app.timer('tick', {
  schedule: '%TICK_SCHEDULE%',
  handler: (timer: Timer, context: InvocationContext) => context.log(`tick ${JSON.stringify(timer)}`),
});
app.timer('fails', {
  schedule: '0 0 0 1 1 *',
  handler: () => {
    throw new Error('no tick');
  },
});
app.timer('unscheduled', { schedule: '%MISSING%', handler: () => {} });

app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'echo') context.invocationContext.log('before echo');
});
app.hook.appTerminate(() => {
  process.stdout.write('terminated\n');
});

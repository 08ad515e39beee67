import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });

app.http('streamed', {
  route: 'streamed/{id}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => ({
    status: 201,
    headers: { 'x-id': `${request.params.id}`, 'x-agent': `${request.headers.get('x-agent')}` },
    body: `got ${await request.text()} at ${new URL(request.url).pathname}`,
  }),
});

import { app } from '@azure/functions';

/** The least that a function app can be: the host and the library. */
app.http('hello', {
  methods: ['GET'],
  route: 'incidents',
  authLevel: 'function',
  handler: async () => ({ jsonBody: { value: [] } }),
});

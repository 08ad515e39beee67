import { app } from '@azure/functions';

app.http('other', { authLevel: 'anonymous', handler: () => ({ body: 'other' }) });

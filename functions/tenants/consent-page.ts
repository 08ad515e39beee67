import { createHash } from 'node:crypto';
import type { Page } from '../../shared/inbound/reply.ts';
import type { ConsentOutcome } from '../../shared/tenants/onboarding.ts';

const style = `
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f3f4f6, #111827) }
main { box-sizing: border-box; width: min(34rem, 100vw); padding: 2rem; background: light-dark(#fff, #1f2937); color: light-dark(#111827, #f3f4f6); border-top: .375rem solid var(--tone) }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: .75rem 0 0; overflow-wrap: anywhere }
.accepted { --tone: #15803d } .declined { --tone: #b45309 } .invalid { --tone: #b91c1c }
@media (min-width: 34rem) { main { border-radius: .5rem } }
`;

const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;

const texts: Record<ConsentOutcome['kind'], { title: string; sentences: string[] }> = {
  accepted: {
    title: 'Consent granted',
    sentences: [
      'The security automation of your service provider can now access Microsoft Defender in your organization with the permissions that you consented to.',
      'You can withdraw consent at any time in the Microsoft Entra admin center, under Enterprise applications. You can close this page.',
    ],
  },
  declined: {
    title: 'Consent not granted',
    sentences: [
      'Nothing has changed: your service provider has no access to Microsoft Defender in your organization.',
      'To grant consent, ask your service provider for a new link. It requires a Global Administrator or Privileged Role Administrator.',
    ],
  },
  invalid: {
    title: 'Invalid link',
    sentences: [
      'The link has been used, is older than an hour, is incomplete, or is for another organization than the one that you signed in to.',
      'Nothing has changed. Ask your service provider for a new link and sign in with an account of your organization.',
    ],
  },
};

/** The page for an administrator after admin consent. It contains nothing of the query. */
export function createConsentPage(outcome: ConsentOutcome): Page {
  const { title, sentences } = texts[outcome.kind];
  const tenant = outcome.kind === 'invalid' ? [] : [`Organization: ${outcome.tenantId}`];
  const paragraphs = [...sentences, ...tenant].map((sentence) => `<p>${sentence}</p>`).join('\n');
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main class="${outcome.kind}">
<h1>${title}</h1>
${paragraphs}
</main>
</body>
</html>
`;
  return { status: outcome.kind === 'invalid' ? 400 : 200, body, styleHash };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findCallbackMistake } from '../../../shared/webhooks/callback-url.ts';

const allowed = ['*.logic.azure.com', 'hooks.contoso.com'];
const find = (text: string) => findCallbackMistake(text, allowed);

describe('findCallbackMistake', () => {
  for (const text of [
    'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=x',
    'https://prod-01.westeurope.logic.azure.com:443/',
    'https://HOOKS.contoso.com./x',
  ])
    test(`accepts ${text}`, () => assert.equal(find(text), undefined));

  for (const [text, expected] of [
    ['http://hooks.contoso.com/', /https/],
    ['hooks.contoso.com', /https/],
    ['https://hooks.contoso.com:8443/', /443/],
    ['https://user@hooks.contoso.com/', /user name/],
    ['https://user:password@hooks.contoso.com/', /user name/],
    ['https://hooks.contoso.com/#x', /fragment/],
    ['https://hooks.contoso.com/#', /fragment/],
    ['https://hooks.contoso.com\\@evil.example/', /backslashes/],
    [' https://hooks.contoso.com/', /blanks/],
    ['https://hooks.contoso.com/\n', /blanks/],
    ['https://127.0.0.1/', /IP address/],
    ['https://2130706433/', /IP address/],
    ['https://0x7f.1/', /IP address/],
    ['https://0177.0.0.1/', /IP address/],
    ['https://127.1/', /IP address/],
    ['https://１２７.0.0.1/', /IP address/],
    ['https://127.0.0.1./', /IP address/],
    ['https://[::1]/', /IP address/],
    ['https://[::ffff:127.0.0.1]/', /IP address/],
    ['https://localhost/', /IP address/],
    ['https://logic.azure.com/', /CALLBACK_HOSTS/],
    ['https://evil-logic.azure.com/', /CALLBACK_HOSTS/],
    ['https://x.logic.azure.com.evil.example/', /CALLBACK_HOSTS/],
    ['https://sub.hooks.contoso.com/', /CALLBACK_HOSTS/],
  ] as const)
    test(`rejects ${text}`, () => assert.match(find(text) ?? 'nothing is wrong', expected));
});

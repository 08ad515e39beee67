import type { AadstsCode, ErrorDetails } from './entra-error.ts';

/** Why the token endpoint issues no token. */
export class Refusal extends Error {
  readonly code: AadstsCode;
  readonly details: ErrorDetails;

  constructor(code: AadstsCode, value?: string, challenge: Pick<ErrorDetails, 'claims' | 'suberror'> = {}) {
    super(`AADSTS${code}`);
    this.code = code;
    this.details = { value, ...challenge };
  }
}

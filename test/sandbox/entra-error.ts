import { randomUUID } from 'node:crypto';
import { type CloudAnswer, json } from './exchange.ts';

interface Row {
  readonly status: number;
  readonly error: string;
  readonly text: string;
  readonly suberror?: string;
}

const invalidClient = (status: number, text: string): Row => ({ status, error: 'invalid_client', text });
const invalidRequest = (text: string): Row => ({ status: 400, error: 'invalid_request', text });
const invalidGrant = (text: string): Row => ({ status: 400, error: 'invalid_grant', text });
const interactionRequired = (text: string): Row => ({ status: 400, error: 'interaction_required', text });
const unavailable = (status: number, text: string): Row => ({ status, error: 'temporarily_unavailable', text });

const unmatched = (member: string) =>
  `No matching federated identity record found for presented assertion ${member} '{value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`;

/** The errors of the token endpoint, by AADSTS number. */
const rows = {
  50013: invalidGrant(
    'Assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value.]',
  ),
  50011: invalidRequest(
    "The redirect URI '{value}' specified in the request does not match the redirect URIs configured for the application '{client}'.",
  ),
  50020: invalidGrant(
    "User account '{value}' from identity provider does not exist in tenant '{tenant}' and cannot access the application '{client}'({app}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
  ),
  50027: invalidRequest('JWT token is invalid or malformed.'),
  50034: invalidGrant(
    'The user account {value} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.',
  ),
  50076: interactionRequired(
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
  ),
  50079: interactionRequired(
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.',
  ),
  50126: invalidGrant('Error validating credentials due to invalid username or password.'),
  65001: {
    status: 400,
    error: 'invalid_grant',
    text: "The user or administrator has not consented to use the application with ID '{client}'. Send an interactive authorization request for this user and resource.",
    suberror: 'consent_required',
  },
  70003: {
    status: 400,
    error: 'unsupported_grant_type',
    text: "The app requested an unsupported grant type '{value}'.",
  },
  70011: {
    status: 400,
    error: 'invalid_scope',
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {value} is not valid.",
  },
  70021: invalidRequest('No matching federated identity record found for presented assertion. {value}'),
  90002: invalidRequest(
    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  ),
  90024: unavailable(503, 'RequestBudgetExceededError - A transient error has occurred. Please try again.'),
  90033: unavailable(503, 'A transient error has occurred. Please try again.'),
  90055: unavailable(429, 'Tenant is throttled.'),
  500011: {
    status: 400,
    error: 'invalid_resource',
    text: 'The resource principal named {value} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
  },
  500131: invalidGrant(
    "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{value}' and the expected audience is '{client}' or one of the Application Uris of this application with App ID '{client}'({app}).",
  ),
  500133: invalidGrant(
    'Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token.',
  ),
  700016: {
    status: 400,
    error: 'unauthorized_client',
    text: "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700021: invalidClient(401, "Client assertion application identifier doesn't match 'client_id' parameter."),
  700023: invalidClient(401, 'Client assertion audience claim does not match Realm issuer.'),
  700024: invalidClient(401, 'Client assertion is not within its valid time range.'),
  700027: invalidClient(401, '{value}'),
  700211: invalidClient(401, unmatched('issuer')),
  700212: invalidClient(401, unmatched('audience')),
  700213: invalidClient(401, unmatched('subject')),
  700229: invalidRequest('The token is not an app-only token and cannot be used as a federated identity credential.'),
  900144: invalidRequest("The request body must contain the following parameter: '{value}'."),
  900382: invalidRequest('Confidential Client is not supported in Cross Cloud request.'),
  901002: invalidRequest("The 'resource' request parameter is not supported."),
  7000112: { status: 400, error: 'unauthorized_client', text: "Application '{client}'({app}) is disabled." },
  7000114: {
    status: 400,
    error: 'unauthorized_client',
    text: "Application '{client}' is not allowed to make application on-behalf-of calls.",
  },
  7000215: invalidClient(
    401,
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
  ),
  7000218: invalidClient(
    401,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  ),
  7000222: invalidClient(
    401,
    "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
  ),
  7000229: invalidClient(
    401,
    "The client application '{client}' is missing service principal in the tenant '{tenant}'.",
  ),
  9001023: invalidRequest(
    "The grant type '{value}' is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
  ),
} as const satisfies Readonly<Record<number, Row>>;

export type AadstsCode = keyof typeof rows;

export interface ErrorDetails {
  readonly client?: string | undefined;
  readonly app?: string | undefined;
  readonly tenant?: string | undefined;
  /** What was wrong with the request. */
  readonly value?: string | undefined;
  /** Where an endpoint other than the token endpoint calls the error something else. */
  readonly error?: string;
  /** The claims challenge, as JSON. */
  readonly claims?: string;
  readonly suberror?: string;
}

export function entraError(code: AadstsCode, details: ErrorDetails, at: number): CloudAnswer {
  const row: Row = rows[code];
  const suberror = details.suberror ?? row.suberror;
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const text = row.text.replaceAll(
    /\{(client|app|tenant|value)\}/g,
    (_, name: 'client' | 'app' | 'tenant' | 'value') => details[name] ?? '',
  );
  const lines = [`AADSTS${code}: ${text}`, `Trace ID: ${traceId}`, `Correlation ID: ${correlationId}`];
  return json(
    row.status,
    {
      error: details.error ?? row.error,
      error_description: [...lines, `Timestamp: ${timestamp}`].join('\r\n'),
      error_codes: [Number(code)],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      ...(suberror && { suberror }),
      ...(details.claims && { claims: details.claims }),
    },
    { 'cache-control': 'no-store, no-cache', 'x-ms-request-id': traceId },
  );
}

import * as z from 'zod/mini';
import { RequestError, type UpstreamAnswer } from '../../shared/errors.ts';
import type { JobFailure } from '../../shared/hunts/hunting-job.ts';
import { toProblemReply } from '../../shared/inbound/problem.ts';

const problemSchema = z.object({
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  nextStep: z.optional(z.string()),
  upstream: z.optional(z.unknown()),
});

/** The problem of a failed job, as its caller will get it. */
export const toFailure = (error: unknown): JobFailure =>
  problemSchema.parse(JSON.parse(toProblemReply(error, '').body ?? ''));

/** @throws {RequestError} the failure, as if it had occurred in this call. */
export function raiseFailure({ status, code, detail, nextStep, upstream }: JobFailure): never {
  throw new RequestError(status, code, detail, { nextStep, upstream: upstream as UpstreamAnswer | undefined });
}

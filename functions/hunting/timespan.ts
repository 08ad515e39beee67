import * as z from 'zod/mini';

const duration = String.raw`P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?`;
const point = String.raw`\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})?)?`;
const pattern = new RegExp(`^(${duration}|${point}/${point}|${point}/${duration}|${duration}/${point})$`);

/** The time range of a hunting query: an ISO 8601 duration or interval. */
export const timespan = z
  .string()
  .check(
    z.maxLength(100, { abort: true }),
    z.regex(pattern, 'must be an ISO 8601 duration such as P7D, or an interval such as 2026-11-01/2026-11-07'),
  );

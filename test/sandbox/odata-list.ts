import { defenderError } from './defender-error.ts';
import { type CloudAnswer, json } from './exchange.ts';
import { type FilterableType, FilterError, parseFilter } from './odata-filter.ts';

const supportedOptions = ['$filter', '$top', '$skip'];
const maximumTop = 10_000;

interface ODataList<T> {
  url: URL;
  entities: readonly T[];
  filterable: FilterableType<T>;
  /** The last part of the context, such as `Machines`. */
  context: string;
  /** What the service writes of an entity, where that is not the entity itself. */
  toWire?: (entity: T) => unknown;
}

/** A page of a list of Defender for Endpoint, which gives no links. */
export function answerList<T>({
  url,
  entities,
  filterable,
  context,
  toWire = (entity) => entity,
}: ODataList<T>): CloudAnswer {
  const options = url.searchParams;
  const unsupported = [...options.keys()].find((name) => name.startsWith('$') && !supportedOptions.includes(name));
  if (unsupported !== undefined) return odataError(`Query option '${unsupported}' is not allowed.`);
  const [top, skip] = [options.get('$top') ?? `${maximumTop}`, options.get('$skip') ?? '0'];
  if (!/^\d{1,9}$/.test(top) || !/^\d{1,9}$/.test(skip)) return odataError('$top and $skip have to be whole numbers.');
  if (Number(top) > maximumTop) {
    return odataError(`The limit of '${maximumTop}' for Top query has been exceeded. The value is '${top}'.`);
  }
  try {
    const filter = options.get('$filter');
    const found = filter === null ? entities : entities.filter(parseFilter(filter, filterable));
    const value = found.slice(Number(skip), Number(skip) + Number(top)).map(toWire);
    return json(200, { '@odata.context': contextOf(url, context), value });
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return odataError(error.message);
  }
}

export const contextOf = ({ origin }: URL, name: string): string => `${origin}/api/$metadata#${name}`;

function odataError(message: string): CloudAnswer {
  return defenderError(400, 'ODataError', `The query specified in the URI is not valid. ${message}`);
}

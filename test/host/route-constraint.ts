/** Tests one route value, or `undefined` if ASP.NET Core knows no such constraint. */
export function createRouteConstraint(name: string, argument: string): ((value: string) => boolean) | undefined {
  const [first = '', second] = argument.split(',').map((part) => part.trim());
  const number = Number(first);
  switch (name.toLowerCase()) {
    case 'int':
      return (value) => isInteger(value, 31);
    case 'long':
      return (value) => isInteger(value, 63);
    case 'bool':
      return (value) => /^(true|false)$/i.test(value);
    case 'datetime':
      return (value) => !Number.isNaN(Date.parse(value));
    case 'decimal':
    case 'double':
    case 'float':
      return (value) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
    case 'guid':
      return (value) => /^(\{|\()?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}(\}|\))?$/i.test(value);
    case 'alpha':
      return (value) => /^[a-z]*$/i.test(value);
    case 'required':
      return (value) => value !== '';
    case 'length':
      return (value) => value.length >= number && value.length <= Number(second ?? first);
    case 'minlength':
      return (value) => value.length >= number;
    case 'maxlength':
      return (value) => value.length <= number;
    case 'min':
      return (value) => isInteger(value, 63) && Number(value) >= number;
    case 'max':
      return (value) => isInteger(value, 63) && Number(value) <= number;
    case 'range':
      return (value) => isInteger(value, 63) && Number(value) >= number && Number(value) <= Number(second);
    case 'regex': {
      const expression = new RegExp(argument, 'i');
      return (value) => expression.test(value);
    }
    case 'file':
      return (value) => /\.[^/.]+$/.test(value);
    case 'nonfile':
      return (value) => !/\.[^/.]+$/.test(value);
    default:
      return undefined;
  }
}

function isInteger(text: string, bits: number): boolean {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return false;
  const value = BigInt(text.trim().replace('+', ''));
  const limit = 2n ** BigInt(bits);
  return value >= -limit && value < limit;
}

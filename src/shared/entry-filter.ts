/** AutoGen's `filter_dict`: which entries of a `config_list` an agent may use. */

/** Field to the values that are accepted; null among them accepts an entry without the field. */
export type FilterDict = Readonly<Record<string, readonly unknown[] | unknown>>;

/**
 * Entries of which every field of the filter has one of its values; a field that is a list (`tags`)
 * needs one value in common. With `exclude`, entries of which no field has.
 */
export function filterConfig<E extends object>(
  config_list: readonly E[],
  filter_dict: FilterDict | null | undefined,
  exclude = false,
): E[] {
  if (!filter_dict) return [...config_list];
  const filters = Object.entries(filter_dict);
  return config_list.filter((entry) =>
    filters.every(([key, wanted]) => {
      const value = Object.hasOwn(entry, key) ? (entry as Record<string, unknown>)[key] : undefined;
      return satisfies(value, [wanted].flat()) !== exclude;
    }),
  );
}

function satisfies(value: unknown, wanted: readonly unknown[]): boolean {
  if (value === undefined || value === null) {
    return wanted.some((one) => one === null || one === undefined);
  }
  if (Array.isArray(value)) return value.some((one) => wanted.includes(one));
  return wanted.includes(value);
}

/** What a model wrote to search for: a query in double quotes asks for exactly these words. */

export interface SearchQuery {
  text: string;
  /** Only texts that contain `text`, whatever the case. */
  exact_only: boolean;
}

export function readQuery(query: string): SearchQuery {
  const quoted = /^\s*["“„«](.+)["”“»]\s*$/su.exec(query)?.[1];
  return quoted === undefined || /["“”„«»]/u.test(quoted)
    ? { text: query, exact_only: false }
    : { text: quoted, exact_only: true };
}

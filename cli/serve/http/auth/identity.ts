/** For whom a request reads. */
export interface Identity {
  /** The database role; undefined: the one that the connections have. */
  readonly role: string | undefined;
  /** What a token says, or that a key stands for the role, as JSON; undefined: nobody has said who they are. */
  readonly claims: string | undefined;
}

export const anonymous: Identity = { role: undefined, claims: undefined };

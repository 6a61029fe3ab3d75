/** What a docker config gives for a registry. Never put into a fact or a message. */
export interface DockerLogin {
  readonly username: string
  readonly password: string
  /** OAuth2 refresh token instead of a password. */
  readonly identityToken?: string
  /** The entry that it came from, as written: `registry.example.com`, or a helper's name: `credHelpers registry.example.com`. */
  readonly entry: string
}

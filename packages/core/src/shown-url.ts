/** Up to the last `@`: a password may hold any character, and it is better to hide too much. */
const USER_AND_PASSWORD = /^([^:/?#]+:\/\/[^:@/?#]*):.*@/s;
const PASSWORD_PARAMETER = /([?&][a-z]*password=)[^&]*/gi;

/** A URL as it may be shown: without the password of its user, and without parameters whose names end in `password`. Other text stays as it is. */
export function shownUrl(url: string): string {
  return url.replace(USER_AND_PASSWORD, "$1:***@").replaceAll(PASSWORD_PARAMETER, "$1***");
}

export const connection: string = connect();

function connect(): string {
  throw new TypeError("The database is away.");
}

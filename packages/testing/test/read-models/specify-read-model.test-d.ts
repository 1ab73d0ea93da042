import { specifyReadModel } from "@reactive-domain/testing";
import { Account, AmountDeposited, Deposit } from "../specification/accounts.ts";
import { Balances, NotThirteen } from "./balances.ts";

const deposited = new AmountDeposited({ amount: 1 });
const balances = specifyReadModel(() => new Balances());

balances.given([deposited, { event: deposited, kind: Account, id: "a-1", time: new Date() }, { event: deposited, stream: "a-1" }]);
(await balances.given().then((model) => model.total, 5)) satisfies void;
(await balances.given().then(async (model) => model.total, 5)) satisfies void;
(await balances.given().then((model) => model.total satisfies number)) satisfies void;
(await balances.given().then(NotThirteen)) satisfies void;
(await balances.given().then({ code: "not-thirteen" })) satisfies void;
// @ts-expect-error what is expected is of the kind that is selected
await balances.given().then((model) => model.total, "5");
// @ts-expect-error the model has no such thing
await balances.given().then((model) => model.totals, 5);
// @ts-expect-error a command is no event
balances.given([new Deposit({ amount: 1 })]);
// @ts-expect-error a payload is no event
balances.given([{ event: { amount: 1 } }]);
// @ts-expect-error something is expected
await balances.given().then(undefined);
// @ts-expect-error nothing is expected: there is nothing to wait for
await balances.given();
// @ts-expect-error an aggregate is no read model
specifyReadModel(() => new Account("a-1"));

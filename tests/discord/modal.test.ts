import { expect, test } from "vitest";
import type { Form } from "../../src/channels/command.ts";
import { formId, modalJson, parseFormId } from "../../src/discord/modal.ts";
import { modalFaults } from "../fakes/discord/modal-rules.ts";

const field = { name: "name", label: "Name", max_length: 64 };

function inputs(form: Form): Record<string, unknown>[] {
  const modal = modalJson("form:a:b:", form) as { components: { components: never[] }[] };
  return modal.components.map((row) => row.components[0] ?? {});
}

test("stays within Discord's limits, whatever is asked", () => {
  const long = "x".repeat(200);
  const fields = Array.from({ length: 7 }, (_, i) => ({
    ...{ name: `f${i}`, label: long, hint: long, max_length: 9_000, value: "v".repeat(3_999) },
  }));
  const modal = modalJson("form:a:b:", { title: `${long}👩‍👩‍👧`, fields });
  expect(modalFaults(modal as Record<string, unknown>)).toEqual([]);
  expect(inputs({ title: "T", fields })).toHaveLength(5);
});

test("leaves out a text that is too long to be shown, and has room for one above its own limit", () => {
  const form = {
    title: "T",
    fields: [
      { ...field, name: "over", value: "x".repeat(4_001) },
      { ...field, value: "y".repeat(70) },
    ],
  };
  expect(inputs(form)).toMatchObject([{ custom_id: "name", max_length: 70, required: false }]);
});

test("has one line where one is asked for, and keeps several where they are", () => {
  const value = "one\n  two";
  const fields = [
    { ...field, value },
    { ...field, name: "long", long: true, value },
  ];
  expect(inputs({ title: "T", fields })).toMatchObject([{ value: "one two" }, { value }]);
});

test("an id says which call it is of, also with signs of its own, or there is none", () => {
  const options = new Map([
    ["which", "a:b&c=d é"],
    ["name", "asked for"],
  ]);
  const call = { name: "agents", subcommand: "edit", options };
  const id = formId(call, { title: "T", fields: [field] }) ?? "";
  expect(parseFormId(id)).toEqual({ ...call, options: new Map([["which", "a:b&c=d é"]]) });
  const plain = { name: "agents", subcommand: undefined, options: new Map() };
  expect(parseFormId(formId(plain, { title: "T", fields: [] }) ?? "")).toEqual(plain);
  const much = { ...call, options: new Map([["which", "x".repeat(100)]]) };
  expect(formId(much, { title: "T", fields: [field] })).toBeUndefined();
  const number = { ...call, options: new Map([["page", 2]]) };
  expect(formId(number, { title: "T", fields: [field] })).toBeUndefined();
  for (const other of ["live:x:1", "form:", "form:agents", "run:stop:a"]) {
    expect(parseFormId(other), other).toBeUndefined();
  }
});

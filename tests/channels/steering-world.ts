/** What tests of steering and of its buttons look at, and do. */
import type { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  call,
  endless,
  gate,
  general,
  untilAborted,
  type World,
  world,
} from "./channel-world.ts";

export const voices = (w: World): string[] => w.surface.pieces.map(({ voice }) => voice);
export const menus = (w: World) => w.surface.controls.filter(({ options }) => options);
export const labels = (w: World): string[] => w.surface.standing.map(({ label }) => label);
export const steer = (host: ChannelRegistry, what: string, agent: string): Promise<string> =>
  call(host, "groupchat", what, what === "order" ? { agents: agent } : { agent });
export const press = (
  host: ChannelRegistry,
  id: string | undefined,
  person = ada,
  value?: string,
) => host.press(general, { id: id ?? "", person, ...(value === undefined ? {} : { value }) });

/** Manager answers at once, Mem when it is let; both are told when they are stopped. */
export function slowMem(): { w: World; open(): void } {
  const { passed, open } = gate();
  const memgpt = endless(async ({ signal }, n) => {
    await Promise.race([passed, untilAborted(signal)]);
    return says(`Mem ${n}`);
  });
  return { w: world({ memgpt, plain: endless((_, n) => `Manager ${n}`) }), open };
}

/** `/streaming`: whether people see answers here while they are being written. */
import { visibilityCommand } from "./visibility.ts";

export const streaming = visibilityCommand({
  name: "streaming",
  setting: "streaming",
  what: "answers in the making",
  help: "Shown, an answer appears as it is being written, in a message that grows and says so; what is soon done comes whole. Hidden, every answer comes when it is finished. The choice is kept for this channel.",
});

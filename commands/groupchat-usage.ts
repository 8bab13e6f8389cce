/** `/groupchat usage`: what the models of the channel used and cost, and what is left of the budget. */
import { counted, dollars, ofLimit } from "../src/channels/budget.ts";
import type { AgentUsage, UsageReport } from "../src/channels/channel-usage.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";

export function usageText(report: UsageReport): string {
  const agents = Object.entries(report.agents);
  const since = new Date(report.since).toISOString().slice(0, 10);
  if (agents.length === 0) {
    return ["No model has been paid for here yet.", ...budgetLines(report)].join("\n");
  }
  const all = agents.reduce<AgentUsage>(
    (sum, [, [requests, prompt, completion, cost]]) => [
      sum[0] + requests,
      sum[1] + prompt,
      sum[2] + completion,
      sum[3] + cost,
    ],
    [0, 0, 0, 0],
  );
  return [
    `What the models used in this channel since ${since}:`,
    ...agents.map(([name, usage]) => `- ${escapeMarkdown(name)}: ${usageWords(usage)}`),
    `Together: ${usageWords(all)}.`,
    `Today (UTC): ${counted(report.today.tokens)} tokens, ${dollars(report.today.cost)}.`,
    ...budgetLines(report),
    ...notes(report),
  ].join("\n");
}

function usageWords([requests, prompt, completion, cost]: AgentUsage): string {
  return `${counted(requests)} ${requests === 1 ? "request" : "requests"}, ${counted(prompt)} tokens asked, ${counted(completion)} answered, ${dollars(cost)}`;
}

function budgetLines({ budget, run, today, person }: UsageReport): string[] {
  const parts = [
    ...(budget.run ? [`this run ${ofLimit(budget.run, run)}`] : []),
    ...(budget.channel_per_day
      ? [`this channel today ${ofLimit(budget.channel_per_day, today)}`]
      : []),
    ...(budget.person_per_day && person
      ? [`you today ${ofLimit(budget.person_per_day, person)}`]
      : []),
  ];
  return parts.length === 0 ? [] : [`Budget: ${parts.join("; ")}.`];
}

function notes({ unpriced, estimated }: UsageReport): string[] {
  return [
    ...(unpriced.length > 0
      ? [
          `No price is known for ${unpriced.map(escapeMarkdown).join(", ")}, so it counts as $0; the bot's host can give its entry a \`price\`.`,
        ]
      : []),
    ...(estimated ? ["A server that does not report tokens is counted by its letters."] : []),
  ];
}

import type { Command, Form } from "../../src/channels/command.ts";
import type {
  AttachRequest,
  ChannelHost,
  CommandRequest,
  KnownPlace,
  PressAnswer,
  PressRequest,
} from "../../src/channels/host.ts";
import type {
  AskPassword,
  IncomingFile,
  IncomingMessage,
  Person,
  Place,
  Post,
  Surface,
} from "../../src/channels/ports.ts";

/** A host that notes what reaches it, and does with commands what the test says. */
export class RecordingHost implements ChannelHost {
  readonly commands: readonly Command[];
  readonly received: { place: Place; message: IncomingMessage }[] = [];
  readonly requests: { place: Place; request: CommandRequest }[] = [];
  readonly offers: { place: Place; person: Person; file: IncomingFile }[] = [];
  readonly attachments: { place: Place; request: AttachRequest }[] = [];
  readonly completions: { option: string; typed: string }[] = [];
  /** What the host knows from before. */
  known: KnownPlace[] = [];
  onCommand: (request: CommandRequest) => Promise<void> = (request) => request.reply("ok");
  onComplete: () => Promise<readonly string[]> = async () => [];
  onOffer: (file: IncomingFile, askPassword?: AskPassword) => Promise<void> = async () => {};
  onAttach: (request: AttachRequest) => Promise<void> = (request) => request.reply("attached");
  readonly presses: PressRequest[] = [];
  onPress: (request: PressRequest) => Promise<PressAnswer> = async () => ({
    text: "pressed",
    where: "instead" as const,
  });
  #surfaceFor: ((place: Place) => Surface) | undefined;

  constructor(commands: readonly Command[] = []) {
    this.commands = commands;
  }

  async connect(surfaceFor: (place: Place) => Surface): Promise<void> {
    this.#surfaceFor = surfaceFor;
  }

  surface(place: Place): Surface {
    if (!this.#surfaceFor) throw new Error("not connected");
    return this.#surfaceFor(place);
  }

  async receive(place: Place, message: IncomingMessage): Promise<boolean> {
    this.received.push({ place, message });
    return true;
  }

  async newestMessageId(): Promise<string> {
    return "";
  }

  async knownPlaces(): Promise<readonly KnownPlace[]> {
    return this.known;
  }

  async acceptOffer(
    place: Place,
    person: Person,
    file: IncomingFile,
    askPassword?: AskPassword,
  ): Promise<void> {
    this.offers.push({ place, person, file });
    await this.onOffer(file, askPassword);
  }

  async attachFiles(place: Place, request: AttachRequest): Promise<void> {
    this.attachments.push({ place, request });
    await this.onAttach(request);
  }

  async press(_place: Place, request: PressRequest): Promise<PressAnswer> {
    this.presses.push(request);
    return this.onPress(request);
  }

  /** Of the command that is asked about. */
  onForm: () => Promise<Form | undefined> = async () => undefined;

  form(): Promise<Form | undefined> {
    return this.onForm();
  }

  async command(place: Place, request: CommandRequest): Promise<void> {
    this.requests.push({ place, request });
    await this.onCommand(request);
  }

  async complete(
    _place: Place,
    request: { option: string; typed: string },
  ): Promise<readonly string[]> {
    this.completions.push({ option: request.option, typed: request.typed });
    return this.onComplete();
  }
}

const unused = async (): Promise<void> => {
  throw new Error("commands run in the host");
};

/** One command of each make. */
export const sampleCommands: readonly Command[] = [
  {
    name: "attach",
    description: "Attach a document.",
    options: [
      { type: "string", name: "agent", description: "Which agent.", autocomplete: true },
      { type: "file", name: "file", description: "The document.", required: true },
    ],
    help: "",
    run: unused,
  },
  {
    name: "groupchat",
    description: "The groupchat here.",
    subcommands: [
      { name: "show", description: "Show it.", permission: "everyone" },
      { name: "stop", description: "Stop it.", permission: "manage_channel" },
    ],
    help: "",
    run: unused,
  },
  {
    name: "function-outputs",
    description: "Show or hide function outputs.",
    subcommands: [
      { name: "show", description: "Show them.", permission: "manage_channel" },
      { name: "hide", description: "Hide them.", permission: "manage_channel" },
    ],
    help: "",
    run: unused,
  },
  {
    name: "memory",
    description: "Look into memory.",
    options: [
      { type: "string", name: "query", description: "What to look for.", required: true },
      { type: "integer", name: "page", description: "Page.", min: 1, max: 99 },
      { type: "boolean", name: "all", description: "All of it." },
      { type: "string", name: "part", description: "Where.", choices: ["recall", "archival"] },
    ],
    help: "",
    run: unused,
  },
];

export function post(fields: Partial<Post> & { text: string }): Post {
  return {
    id: "p1",
    voice: { name: "MemGPT_coder" },
    traces: [],
    posted: 0,
    recovering: false,
    after: "0",
    drafted: [],
    ...fields,
  };
}

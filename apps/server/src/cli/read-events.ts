/** The data of server-sent events; comments, names and ids are left out. */
export async function* readEvents<Event>(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Event> {
  let pending = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const lines = (pending + piece).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length)) as Event
    }
  }
}

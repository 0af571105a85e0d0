export { createApp } from './app.ts'
export { createHttpServer } from './http-server.ts'
export { inputSchema, openApiDocument } from './openapi.ts'

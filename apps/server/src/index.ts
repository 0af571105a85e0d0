export { createApp } from './http/app.ts'
export { createHttpServer } from './http/http-server.ts'
export { inputSchema, openApiDocument } from './http/openapi.ts'

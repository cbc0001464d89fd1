/** What Vite lets a module import. */
/// <reference types="vite/client" />

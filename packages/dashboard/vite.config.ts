import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedFiles } from './vite/compressed-files.ts'
import { firstPaint } from './vite/first-paint.ts'
import { lightEndpoints } from './vite/light-endpoints.ts'

export default defineConfig({
  plugins: [react(), lightEndpoints(), firstPaint(), compressedFiles()],
  root: import.meta.dirname,
  build: {
    outDir: '../cli/dist/dashboard',
    emptyOutDir: true,
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // Left to itself it makes a file of each small thing that two pages share: forty for one visit, and on a slow line
        // each six of them are another round trip.
        codeSplitting: {
          groups: [
            { name: 'frame', tags: ['$initial'] },
            { name: 'common', minShareCount: 6 },
          ],
        },
      },
      treeshake: {
        // The schema library does not say so itself: its modules only define. The checker that nobody asked for yet would
        // otherwise come with the first schema.
        moduleSideEffects: [{ test: /node_modules.typebox./, sideEffects: false }],
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
})

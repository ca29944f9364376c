export default {
  build: { lib: { entry: 'background.ts', formats: ['es'], fileName: () => 'background.js' } },
}

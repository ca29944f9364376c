import { bootstrapApplication } from '@angular/platform-browser'
import { Feed } from './feed.js'

await bootstrapApplication(Feed)

import { toRegistrations } from '../shared/inbound/registration.ts';
import { surface } from './surface.ts';

/** All functions of the app. In the built app, each is loaded with its first call: the build replaces this file (lazy-functions.ts). */
export const registrations = toRegistrations(surface);

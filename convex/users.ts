/** The person who is signed in. */
import { mutation, query } from './_generated/server.js';
import { currentUser, rememberUser } from './model/access.ts';

/** To be called after signing in: remembers the person, and makes invitations to the verified address theirs. */
export const signIn = mutation({
  args: {},
  handler: async (ctx) => {
    const { _id, name, email } = await rememberUser(ctx);
    return { id: _id, name, email: email ?? null };
  },
});

/** Null for somebody who has signed in but not called `signIn` yet. */
export const me = query({
  args: {},
  handler: async (ctx) => {
    const user = await currentUser(ctx);
    return user && { id: user._id, name: user.name, email: user.email ?? null };
  },
});

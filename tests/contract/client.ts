/*
 * A client as its programmer writes it, on the types that openapi-typescript makes of
 * config/openapi.yaml: it only has to compile (tsc, in ../run, part contract).
 */
import type { components, operations, paths } from "../../build/contract/api";

type Schemas = components["schemas"];
type Json<Op extends keyof operations, Status extends keyof operations[Op]["responses"]> =
	operations[Op]["responses"][Status] extends { content: { "application/json": infer Body } }
		? Body
		: never;
type Refusal<Op extends keyof operations, Status extends keyof operations[Op]["responses"]> =
	operations[Op]["responses"][Status] extends {
		content: { "application/problem+json": infer Body };
	}
		? Body
		: never;

/* What was read is amended and put back, whole. */
export function moreposts(read: Json<"getReturn", 200>, ref: string): Schemas["ReturnIn"] {
	const lines = read.lines.map((line) =>
		line.ref === ref ? { ...line, posts: line.posts + 1 } : line,
	);

	return { ...read, lines };
}

export function renamed(read: Json<"getEmployer", 200>, name: string): Schemas["EmployerIn"] {
	return { ...read, name };
}

export function prolonged(read: Json<"getAgency", 200>, until: string): Schemas["AgencyIn"] {
	return { ...read, until };
}

/* Which refusals there are is a type: a case that is forgotten does not compile. */
export function next(refusal: Refusal<"putReturn", 409> | Refusal<"putReturn", 412>): string {
	switch (refusal.type) {
		case "/problems/open-lines-left-out":
			return `close ${refusal.open?.join(", ")}`;
		case "/problems/posts-below-placements":
			return refusal.errors?.map((e) => `${e.pointer}: ${e.expected}`).join("; ") ?? "";
		case "/problems/version-changed":
			return `read version ${refusal.version} and try again`;
	}
}

/* A list's items have a name of their own. */
export function lates(page: Json<"listReturns", 200>): Schemas["ReturnItem"][] {
	return page.items.filter((item) => item.state === "late");
}

/* The officer behind the key goes with each write about a person. */
export const officer: keyof NonNullable<
	paths["/v1/seekers/{seeker}"]["patch"]["parameters"]["header"]
> = "Vacancyd-Actor";

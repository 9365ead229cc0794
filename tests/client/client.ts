// A first booking, typed from end to end: it is compiled by deploy/check-client.sh, not run.

import createClient from "openapi-fetch";

import type { components, operations, paths } from "./api.js";

type Schemas = components["schemas"];
type Booking = Schemas["BookingRead"];
type Problem = Schemas["Problem"];
type BookingQuery = NonNullable<operations["list_bookings"]["parameters"]["query"]>;

const api = createClient<paths>({ baseUrl: "https://bookings.example" });

function fail(problem: Problem): never {
  const fields = (problem.errors ?? []).map((field) => `${field.pointer}: ${field.message}`);
  throw new Error([problem.code, problem.title, problem.request_id, ...fields].join(" "));
}

export function told(status: Schemas["BookingStatus"]): string {
  switch (status) {
    case "pending":
    case "confirmed":
      return "It is yours.";
    case "completed":
    case "no_show":
      return "It is over.";
    case "expired":
    case "declined":
    case "cancelled":
      return "It is free again.";
    default:
      return status satisfies never; // a status that is new here does not compile
  }
}

export async function pages(token: string): Promise<Booking[]> {
  const found: Booking[] = [];
  const query: BookingQuery = { limit: 50, sort: "-starts_at" };
  for (;;) {
    const { data, error } = await api.GET("/api/v1/bookings", {
      headers: { Authorization: `Bearer ${token}` },
      params: { query },
    });
    if (error) fail(error);
    found.push(...data.items);
    if (data.next_cursor === null) return found;
    query.cursor = data.next_cursor;
  }
}

export async function book(serviceId: string, token: string): Promise<Booking> {
  const slots = await api.GET("/api/v1/services/{service_id}/slots", {
    params: { path: { service_id: serviceId }, query: { from: "2030-03-04", to: "2030-03-08" } },
  });
  if (slots.error) fail(slots.error);
  const slot = slots.data.items[0];
  if (slot === undefined) throw new Error("fully booked");
  const { data, error, response } = await api.POST("/api/v1/bookings", {
    headers: { Authorization: `Bearer ${token}` },
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { service_id: serviceId, starts_at: slot.starts_at },
  });
  if (error?.code === "slot-unavailable") {
    const others: string[] = (error.alternatives ?? []).map((one) => one.starts_at);
    throw new Error(`taken; free are ${others.join(", ")}`);
  }
  if (error) fail(error);
  const place: string | null = response.headers.get("Location");
  const price: { amount: number; currency: string } = data.price;
  const until: string | null = data.hold_expires_at;
  console.log(place, price, until, told(data.status));
  return data;
}

export async function signIn(email: string, password: string): Promise<string> {
  const { data, error } = await api.POST("/api/v1/auth/login", { body: { email, password } });
  if (error) fail(error);
  return data.access_token;
}

export async function refused(token: string): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  // @ts-expect-error: a payment needs to know how
  await api.POST("/api/v1/payments", { headers, body: { booking_id: "x" } });
  // @ts-expect-error: and has no colour
  const body: Schemas["BookingCreate"] = { service_id: "x", starts_at: "y", colour: "red" };
  await api.POST("/api/v1/bookings", { headers, body });
  // @ts-expect-error: nor can it be sorted by one
  await api.GET("/api/v1/bookings", { headers, params: { query: { sort: "colour" } } });
}

/** A place on a map outside: a link that a person opens, never something that this page loads by itself. */
export function mapAddress(place: { lat: number; lon: number }): string {
  const [lat, lon] = [place.lat.toFixed(6), place.lon.toFixed(6)];
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=18/${lat}/${lon}`;
}

export default function Page({ user, items }) {
  return (
    <main>
      <Header user={user} />
      <List items={items} />
      <Footer year={2026} />
    </main>
  );
}

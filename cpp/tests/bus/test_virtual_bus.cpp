// Time, collisions and faults on a line of virtual servos.
#include "virtual_support.hpp"

namespace handloop::testing::virtual_bus {
namespace {

using dxl::Error;

constexpr std::int64_t kTurnaround = 50'000, kDelayUnit = 2'000;  // [ns]

// When the first and the last byte of an answer are there, from the begin of the request on.
std::pair<std::int64_t, std::int64_t> times(Host& host, Bytes request) {
  host.wire.discard();
  const std::int64_t begin = host.wire.now();
  host.wire.send(request);
  std::array<std::uint8_t, 1> byte;
  std::int64_t first = -1, last = -1;
  const std::int64_t deadline = host.wire.now() + 50 * kMs;
  while (host.wire.receive(byte, deadline) == 1) {
    last = host.wire.now() - begin;
    if (first < 0) first = last;
  }
  return {first, last};
}

TEST_CASE("an answer takes the time of its bytes, the return delay and the turnaround") {
  constexpr std::uint32_t kBauds[] = {57'600, 1'000'000, 3'000'000, 4'000'000};
  constexpr std::int64_t kCodes[] = {1, 3, 5, 6};
  for (std::size_t k = 0; k < 4; ++k) {
    for (const std::int64_t delay : {0, 1, 250}) {
      auto config = x430_bus({1, 2, 3});
      Host host(config);
      for (std::uint8_t id = 1; id <= 3; ++id) {
        host.write(id, Role::kReturnDelay, delay);
        host.write(id, Role::kBaud, kCodes[k]);
      }
      host.bus.set_host_baud(kBauds[k]);
      const std::int64_t byte = 10'000'000'000 / kBauds[k];
      const std::int64_t gap = kTurnaround + kDelayUnit * delay;
      // Requests have 14 + N bytes, answers 11 + D each, a fast one 8 + N (D + 4) in all.
      const auto one = times(host, dxl::read(host.w, 1, 132, 4));
      CHECK(one.first == 14 * byte + gap + byte);
      CHECK(one.second == 14 * byte + gap + 15 * byte);
      const auto three = times(host, dxl::sync_read(host.w, 126, 10, hex("010203")));
      CHECK(three.second == 17 * byte + 3 * (gap + 21 * byte));
      const auto fast = times(host, dxl::sync_read(host.w, 126, 10, hex("010203"), true));
      CHECK(fast.second == 17 * byte + gap + (8 + 3 * 14) * byte);
    }
  }
}

TEST_CASE("the same calls give the same bytes, noise and all") {
  const auto run = [](std::uint64_t seed) {
    auto config = x430_bus({1, 2, 3});
    config.seed = seed;
    Host host(config);
    host.bus.faults().set_noise({.bit_flip = 1e-3, .byte_loss = 1e-3});
    Octets heard;
    for (int n = 0; n < 100; ++n) {
      if (n == 10) host.raw(dxl::write(host.w, 2, 64, hex("01")));
      if (n == 20) host.raw(dxl::write(host.w, 2, 116, hex("000C0000")));
      const Octets answer = host.raw(dxl::sync_read(host.w, 120, 28, hex("010203")), 5 * kMs);
      heard.insert(heard.end(), answer.begin(), answer.end());
    }
    return heard;
  };
  const Octets a = run(1);
  CHECK(a.size() > 5000);
  CHECK(a == run(1));
  CHECK(a != run(2));
}

TEST_CASE("a servo with another baud rate hears nothing") {
  Host host(x430_bus({1}));
  host.bus.set_host_baud(57'600);
  CHECK(host.one(dxl::ping(host.w, 1)).id == -1);
  host.bus.check_baud(false);
  CHECK(host.all(dxl::ping(host.w, 1)).size() == 1);
}

TEST_CASE("a pause of 1.5 ms within a request ends it, a shorter one does not") {
  for (const std::int64_t pause : {1'400'000, 1'600'000}) {
    Host host(x430_bus({1}));
    const Octets request = octets(dxl::ping(host.w, 1));
    host.wire.send(Bytes(request).first(6));
    host.wait(pause);
    const auto answers = host.all(Bytes(request).subspan(6));
    CHECK(answers.size() == (pause < 1'500'000 ? 1 : 0));
    CHECK(host.one(request).id == 1);
  }
}

TEST_CASE("two servos with one id garble each other") {
  Host host(x430_bus({4, 4}));
  const auto raw = host.raw(dxl::ping(host.w, 4));
  CHECK_FALSE(raw.empty());
  CHECK(host.all(dxl::ping(host.w, 4)).empty());
}

TEST_CASE("a host that talks into an answer spoils both, and silences the servos behind") {
  Host host(x430_bus({1, 2}));
  host.write(1, Role::kReturnDelay, 0);
  const Octets read = octets(dxl::sync_read(host.w, 132, 4, hex("0102")));
  host.wire.discard();
  host.wire.send(read);
  host.wait(100'000);  // into the first answer
  const Octets ping = octets(dxl::ping(host.w, 2));
  CHECK(host.all(ping).empty());
  CHECK(host.one(ping).id == 2);
}

TEST_CASE("a new request ends the wait of those who were still to answer") {
  Host host(x430_bus({1, 2}));
  host.wire.send(dxl::sync_read(host.w, 132, 4, hex("0102")));
  host.wait(100'000);  // within the first one's return delay
  const auto heard = host.all(dxl::ping(host.w, 2));
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].data.size() == 3);
}

TEST_CASE("lost bytes, noise and a pulled cable cost packets, never a wrong one") {
  Host host(x430_bus({1, 2}));
  const auto good = [&] {
    int count = 0;
    for (int n = 0; n < 100; ++n) {
      for (const Status& s : host.all(dxl::sync_read(host.w, 132, 4, hex("0102")), 2 * kMs)) {
        const bool answer = s.error == Error::kNone && !s.data.empty();
        if (answer) REQUIRE(s.data == hex("00080000"));
        count += answer ? 1 : 0;
      }
    }
    return count;
  };
  CHECK(good() == 200);
  host.bus.faults().set_noise({.bit_flip = 1e-3});
  const int flipped = good();
  CHECK(flipped > 120);
  CHECK(flipped < 195);
  host.bus.faults().set_noise({.byte_loss = 1e-2});
  const int lost = good();
  CHECK(lost > 100);
  CHECK(lost < 190);
  host.bus.faults().set_noise({});
  host.bus.faults().burst(host.bus.now(), host.bus.now() + 100 * kMs);
  CHECK(good() < 190);
  host.bus.faults().unplug(host.bus.now(), host.bus.now() + 1000 * kMs);
  CHECK(good() == 0);
  host.wait(1000 * kMs);
  CHECK(good() == 200);
}

TEST_CASE("one servo's data line can be pulled while its motor goes on") {
  Host host(x430_bus({1, 2}));
  host.write(1, Role::kTorqueEnable, 1);
  host.write(1, Role::kGoalPosition, 3000);
  host.bus.servo(0).plug(false);
  host.wait(1000 * kMs);
  CHECK(host.one(dxl::ping(host.w, 1)).id == -1);
  CHECK(host.one(dxl::ping(host.w, 2)).id == 2);
  host.bus.servo(0).plug(true);
  CHECK(host.one(dxl::ping(host.w, 1)).id == 1);
  CHECK(host.get(0, Role::kPresentPosition) > 2900);
}

TEST_CASE("a servo that dies while it answers is cut off") {
  Host host(x430_bus({1, 2}));
  const Octets read = octets(dxl::sync_read(host.w, 120, 28, hex("0102")));
  const std::size_t whole = host.raw(read).size();
  REQUIRE(whole == 2 * (11 + 28));
  host.wire.discard();
  host.wire.send(read);
  host.wait(760'000);  // into the first answer: 160 us of request, 550 us of delay
  host.bus.servo(0).kill();
  const Octets left = host.raw({});
  CHECK(left.size() > 0);
  CHECK(left.size() < whole / 2);
}

TEST_CASE("a dead servo comes back when it is mended") {
  Host host(x430_bus({1}));
  host.bus.servo(0).kill();
  host.wait(1000 * kMs);
  CHECK(host.one(dxl::ping(host.w, 1)).id == -1);
  host.bus.servo(0).mend();
  host.wait(400 * kMs);
  CHECK(host.one(dxl::ping(host.w, 1)).id == 1);
}

TEST_CASE("the tick counts milliseconds since power-up and turns over") {
  Host host(x430_bus({1}));
  host.world.advance(32'000 * kMs);
  const std::int64_t before = host.get(0, Role::kRealtimeTick);
  host.wait(1000 * kMs);
  CHECK((host.get(0, Role::kRealtimeTick) - before + 32'768) % 32'768 == 1000);
  host.one(dxl::reboot(host.w, 1));
  host.wait(400 * kMs);
  CHECK(host.get(0, Role::kRealtimeTick) < 70);
}

}  // namespace
}  // namespace handloop::testing::virtual_bus

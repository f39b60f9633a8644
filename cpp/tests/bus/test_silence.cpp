// What silence costs on a line, and whom it is blamed on.
#include <numeric>

#include "handloop/bus/dynamixel_protocol.hpp"
#include "handloop/bus/feetech_protocol.hpp"
#include "handloop/bus/line.hpp"
#include "virtual_support.hpp"

namespace handloop::testing::silence {
namespace {

using bus::Outcome;

constexpr std::int64_t kPatience = 2 * kMs;

// An adapter that may keep to itself for a while what it hears.
class HeldWire final : public bus::Wire {
 public:
  explicit HeldWire(bus::Wire& wire) : wire_(wire) {}

  std::int64_t now() const override { return wire_.now(); }
  std::int64_t byte_time() const override { return wire_.byte_time(); }
  bool send(Bytes bytes) override {
    sent.push_back(octets(bytes));
    return wire_.send(bytes);
  }
  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    wire_.pass_until(std::min(deadline, held_until));
    return deadline < held_until ? 0 : wire_.receive(room, deadline);
  }
  void pass_until(std::int64_t time) override { wire_.pass_until(time); }
  void discard() override {
    if (now() >= held_until) wire_.discard();
  }

  std::int64_t held_until = 0;
  std::vector<Octets> sent;

 private:
  bus::Wire& wire_;
};

enum class Kind : std::uint8_t { kSync, kFast, kFeetech, kOneByOne };
constexpr Kind kKinds[] = {Kind::kSync, Kind::kFast, Kind::kFeetech, Kind::kOneByOne};

// Servos in lockstep whose current, velocity and position are read, or Feetech's position.
struct Chain {
  std::unique_ptr<bus::Protocol> protocol;
  Host host;
  HeldWire wire{host.wire};
  bus::Line line;
  bus::Group group;

  Chain(Kind kind, std::size_t count, std::uint32_t baud = kBaud)
      : protocol(protocol_of(kind)),
        host(config_of(kind, count, baud)),
        line(wire, *protocol, line_config(kind)),
        group(feetech(kind) ? blocks(56, 2, ids(count)) : blocks(126, 10, ids(count))) {
    if (feetech(kind)) return;
    for (const std::uint8_t id : ids(count)) host.write(id, Role::kReturnDelay, 0);
  }

  // Returns what it took [ns].
  std::int64_t read() {
    host.wait(10 * kMs);  // the line is quiet
    const std::int64_t begin = wire.now();
    wire.sent.clear();
    line.read(group);
    return wire.now() - begin;
  }
  Outcome outcome(std::size_t i) const { return group.reading(i).outcome; }
  std::size_t fresh() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < group.size(); ++i) count += outcome(i) == Outcome::kAnswered;
    return count;
  }
  void kill_all() {
    for (std::size_t i = 0; i < group.size(); ++i) host.bus.servo(i).kill();
  }

  static bool feetech(Kind kind) { return kind == Kind::kFeetech || kind == Kind::kOneByOne; }
  static Octets ids(std::size_t count) {
    Octets all(count);
    std::iota(all.begin(), all.end(), std::uint8_t{1});
    return all;
  }
  static std::unique_ptr<bus::Protocol> protocol_of(Kind kind) {
    if (!feetech(kind)) return std::make_unique<bus::DynamixelProtocol>();
    return std::make_unique<bus::FeetechProtocol>(kind == Kind::kFeetech);
  }
  static vs::VirtualBusConfig config_of(Kind kind, std::size_t count, std::uint32_t baud) {
    vs::VirtualBusConfig config = feetech(kind) ? bus_of(vs::sts3215_model(), ids(count), 7.4)
                                                : bus_of(vs::x330_model(), ids(count), 5.0);
    for (auto& servo : config.servos) servo.baud = baud;
    config.host_baud = baud;
    return config;
  }
  static bus::LineConfig line_config(Kind kind) {
    bus::LineConfig config;
    config.patience = kPatience;
    config.return_delay = 0;
    config.fast = kind == Kind::kFast;
    return config;
  }
};

TEST_CASE("whoever is dead is found and skipped, and nobody else") {
  constexpr std::size_t kServos = 5;
  for (const Kind kind : kKinds) {
    for (unsigned dead = 0; dead + 1 < 1U << kServos; ++dead) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(dead);
      Chain chain(kind, kServos);
      for (std::size_t i = 0; i < kServos; ++i) {
        if (dead >> i & 1) chain.host.bus.servo(i).kill();
      }
      for (int n = 0; n < 12; ++n) chain.read();
      for (std::size_t i = 0; i < kServos; ++i) {
        CHECK(chain.outcome(i) == (dead >> i & 1 ? Outcome::kSkipped : Outcome::kAnswered));
      }
    }
  }
}

TEST_CASE("one that is dead costs two stalls and no reading of the others") {
  for (const Kind kind : kKinds) {
    for (std::size_t dead = 0; dead < 6; ++dead) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(dead);
      Chain chain(kind, 6);
      const std::int64_t usual = chain.read();
      chain.host.bus.servo(dead).kill();
      for (int n = 0; n < 2; ++n) {
        CHECK(chain.read() > usual + kPatience / 2);
        CHECK(chain.outcome(dead) == Outcome::kSilent);
        CHECK(chain.fresh() == 5);
      }
      for (int n = 0; n < 20; ++n) {
        CHECK(chain.read() < usual);
        CHECK(chain.outcome(dead) == Outcome::kSkipped);
        CHECK(chain.fresh() == 5);
      }
    }
  }
}

TEST_CASE("a finger of four that is unplugged is found") {
  for (const Kind kind : kKinds) {
    for (std::size_t first = 0; first < 9; ++first) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(first);
      Chain chain(kind, 12);
      const std::int64_t usual = chain.read();
      for (std::size_t k = 0; k < 4; ++k) chain.host.bus.servo(first + k).kill();
      // In front it looks like a silent line, until that is asked from another servo on.
      for (int n = 0; n < (first > 0 ? 2 : 5); ++n) {
        chain.read();
        if (first > 0) CHECK(chain.fresh() == 8);
      }
      CHECK(chain.read() < usual);
      CHECK(chain.fresh() == 8);
    }
  }
}

TEST_CASE("one that is skipped is asked a second later, and then taken back") {
  for (const Kind kind : kKinds) {
    CAPTURE(static_cast<int>(kind));
    Chain chain(kind, 3);
    chain.host.bus.servo(0).kill();
    chain.read();
    chain.read();
    const std::int64_t skipped = chain.wire.now();
    chain.host.bus.servo(0).mend();
    while (chain.wire.now() < skipped + 1'000 * kMs) {
      chain.read();
      if (chain.wire.now() < skipped + 1'000 * kMs) CHECK(chain.outcome(0) == Outcome::kSkipped);
    }
    chain.read();
    chain.read();
    CHECK(chain.fresh() == 3);
    CHECK(chain.wire.sent.size() == (kind == Kind::kOneByOne ? 3 : 1));
  }
}

// The request is told again without the dead servo, which takes time, too.
TEST_CASE("a dead one of 22 at 4 Mbaud costs its patience and a request, and 3 ms are kept") {
  constexpr std::size_t kServos = 22;
  constexpr std::int64_t kByte = 2'500, kTurnaround = 50'000;  // [ns]
  for (const Kind kind : {Kind::kSync, Kind::kFast}) {
    const bool fast = kind == Kind::kFast;
    const std::int64_t part = fast ? 14 * kByte : 21 * kByte + kTurnaround;
    const std::int64_t header = fast ? 8 * kByte + kTurnaround : 0;
    for (const std::size_t dead : {0U, 1U, 11U, 21U}) {
      CAPTURE(fast);
      CAPTURE(dead);
      Chain chain(kind, kServos, 4'000'000);
      const std::int64_t usual = chain.read();
      CHECK(usual == (14 + 22) * kByte + header + 22 * part);
      chain.host.bus.servo(dead).kill();
      const std::int64_t behind = 21 - static_cast<std::int64_t>(dead);
      const std::int64_t again = behind > 0 ? (14 + behind) * kByte + header : 0;
      const std::int64_t silent = dead > 0 ? 0 : header;  // nobody sends it
      const std::int64_t stall = chain.read() - usual;
      CHECK(stall == kPatience + again - silent - part);
      CHECK(stall <= 3 * kMs);
      CHECK(chain.fresh() == 21);
      chain.read();
      CHECK(10 * usual >= 9 * chain.read());
      CHECK(chain.fresh() == 21);
    }
  }
}

TEST_CASE("a line that is silent as a whole costs one patience a cycle, and nobody is skipped") {
  for (const Kind kind : kKinds) {
    CAPTURE(static_cast<int>(kind));
    Chain chain(kind, 6);
    chain.read();
    chain.kill_all();
    CHECK(chain.read() < 2 * kPatience + kMs);
    for (int n = 0; n < 20; ++n) {
      const std::int64_t took = chain.read();
      const auto request = static_cast<std::int64_t>(chain.wire.sent.at(0).size());
      CHECK(chain.wire.sent.size() == 1);
      CHECK(took == kPatience + request * chain.wire.byte_time());
      for (std::size_t i = 0; i < 6; ++i) CHECK(chain.outcome(i) == Outcome::kSilent);
    }
    for (std::size_t i = 0; i < 6; ++i) chain.host.bus.servo(i).mend();
    chain.host.wait(1'000 * kMs);  // they boot
    chain.read();
    CHECK(chain.fresh() == 6);
  }
}

TEST_CASE("a line that is late blames nobody") {
  for (const Kind kind : {Kind::kSync, Kind::kFast, Kind::kFeetech}) {
    CAPTURE(static_cast<int>(kind));
    Chain chain(kind, 4);
    chain.read();
    for (const std::int64_t late : {25, 30, 35, 45, 60, 90, 150}) {
      for (int n = 0; n < 3; ++n) {
        chain.host.wait(10 * kMs);
        chain.wire.held_until = chain.wire.now() + 10 * kMs + late * kMs / 10;
        chain.read();
        for (std::size_t i = 0; i < 4; ++i) CHECK(chain.outcome(i) != Outcome::kSkipped);
      }
      chain.host.wait(20 * kMs);
      chain.read();
      CHECK(chain.fresh() == 4);
    }
  }
}

TEST_CASE("whatever was late or died before, a calm line is read as quickly as ever") {
  constexpr std::size_t kServos = 5;
  for (const Kind kind : kKinds) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      Random random(seed);
      Chain chain(kind, kServos);
      const std::int64_t usual = chain.read();
      const std::size_t survivor = below(random, kServos);
      std::array<bool, kServos> dead{};
      for (int n = 0; n < 20; ++n) {
        const auto late = static_cast<std::int64_t>(below(random, 160)) * kMs / 10;
        chain.wire.held_until = chain.wire.now() + 10 * kMs + late;
        const std::size_t i = below(random, kServos);
        if (i != survivor && below(random, 6) == 0) {
          chain.host.bus.servo(i).kill();
          dead.at(i) = true;
        }
        chain.read();
      }
      for (std::size_t n = 0; n < 2 * kServos; ++n) {
        chain.host.wait(1'000 * kMs);  // time to probe those that were skipped
        chain.read();
      }
      CHECK(chain.read() <= usual);
      for (std::size_t i = 0; i < kServos; ++i) {
        CHECK(chain.outcome(i) == (dead.at(i) ? Outcome::kSkipped : Outcome::kAnswered));
      }
    }
  }
}

}  // namespace
}  // namespace handloop::testing::silence

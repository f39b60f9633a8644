// Virtual servos behind a pseudo-terminal, seen by a client that opens it like a serial port.
#include "handloop/bus/virtual/pty_server.hpp"

#include <termios.h>

#include "virtual_support.hpp"

namespace handloop::testing::pty_server {
namespace {

constexpr int kLong = 5000, kShort = 60;  // [ms]

class Client {
 public:
  Client(const std::string& path, speed_t baud) : file_(::open(path.c_str(), O_RDWR | O_NOCTTY)) {
    REQUIRE(file_ >= 0);
    termios settings{};
    REQUIRE(::tcgetattr(file_, &settings) == 0);
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, baud);
    REQUIRE(::tcsetattr(file_, TCSANOW, &settings) == 0);
  }
  ~Client() { ::close(file_); }

  // Until `wanted` bytes are there, or nothing comes for `patience` [ms].
  Octets ask(Bytes request, std::size_t wanted, int patience) {
    REQUIRE(::write(file_, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
    Octets answer;
    std::array<std::uint8_t, 512> room;
    while (answer.size() < wanted) {
      pollfd poll{file_, POLLIN, 0};
      if (::poll(&poll, 1, patience) <= 0) break;
      const ssize_t count = ::read(file_, room.data(), room.size());
      if (count <= 0) break;
      answer.insert(answer.end(), room.begin(), room.begin() + count);
    }
    return answer;
  }

 private:
  int file_;
};

TEST_CASE("a client finds the servos and drives them, and another after it") {
  vs::VirtualWorld world;
  vs::VirtualBus& bus = world.add(std::make_unique<vs::VirtualBus>(x430_bus({1, 2})));
  std::mutex mutex;
  vs::PtyServer server(world, mutex);
  dxl::PacketWriter w;
  for (int n = 0; n < 2; ++n) {
    Client client(server.path(0), B1000000);
    CHECK(client.ask(dxl::ping(w, 2), 14, kLong).size() == 14);
    CHECK(client.ask(dxl::sync_read(w, 132, 4, hex("0102")), 30, kLong).size() == 30);
    // Line ends pass as they are.
    CHECK(client.ask(dxl::write(w, 1, 116, hex("0D0A0000")), 11, kLong).size() == 11);
  }
  server.stop();
  CHECK(bus.servo(0).table().get(Role::kGoalPosition) == 0x0A0D);
}

TEST_CASE("a client with another baud rate is not understood, unless that is switched off") {
  vs::VirtualWorld world;
  world.add(std::make_unique<vs::VirtualBus>(x430_bus({1})));
  std::mutex mutex;
  dxl::PacketWriter w;
  {
    vs::PtyServer server(world, mutex);
    Client client(server.path(0), B57600);
    CHECK(client.ask(dxl::ping(w, 1), 14, kShort).empty());
  }
  vs::PtyServer server(world, mutex, false);
  Client client(server.path(0), B57600);
  CHECK(client.ask(dxl::ping(w, 1), 14, kLong).size() == 14);
}

TEST_CASE("the servos live on between requests") {
  vs::VirtualWorld world;
  vs::VirtualBus& bus = world.add(std::make_unique<vs::VirtualBus>(x430_bus({1})));
  std::mutex mutex;
  vs::PtyServer server(world, mutex);
  const auto now = [&] {
    const std::scoped_lock lock(mutex);
    return bus.now();
  };
  const std::int64_t before = now();
  while (now() < before + 20 * kMs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server.stop();
  const std::int64_t stopped = bus.now();
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(bus.now() == stopped);
}

}  // namespace
}  // namespace handloop::testing::pty_server
